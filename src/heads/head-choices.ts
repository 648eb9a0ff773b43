// Which heads a prediction may be asked for. Apart from what makes them, so that options load nothing of it.

/** `auto` makes both heads, and takes what images left out prefer. */
export const HEAD_CHOICES = ["auto", "closed-form", "centroids"] as const;
export type HeadChoice = (typeof HEAD_CHOICES)[number];
