// What the weights of a group may be predicted from. Apart from what predicts them, so that options load nothing of it.

/**
 * own: the group's labelled images (of learned sketches, its domain's); mean: the mean of the sketches of all domains that were trained on;
 * other-domain: as many training images of another one of these, in turn; other-classes: of its own domain.
 */
export const SKETCH_SOURCES = ["own", "mean", "other-domain", "other-classes"] as const;
export type SketchSource = (typeof SKETCH_SOURCES)[number];
