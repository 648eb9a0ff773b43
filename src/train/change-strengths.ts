// Which strengths of a predicted change a prediction may be asked for. Apart from what chooses, so that options load nothing of it.

/** What is chosen from: the base network as it is, half of the change, all of it. */
export const STRENGTHS = [0, 0.5, 1] as const;

/** `auto` takes the one of these that images left out prefer; a number from 0 to 1 is how much of the change is made. */
export type StrengthChoice = "auto" | number;
