// The project as a value: what the person has made. Pictures are known by id; their pixels lie elsewhere.

export interface Picture {
  /** Of this picture in this class: unique in the project. */
  readonly id: string;
  /** As the file was called; anything may stand in it. */
  readonly name: string;
  /** SHA-256 of the file's bytes: copies have the same. */
  readonly content: string;
  /** Pictures of one press of the camera button share it, so that they are held out together; a file has its own. */
  readonly burst: string;
}

export interface ClassCard {
  readonly id: string;
  /** As typed; unique among enabled classes when it comes to learning. */
  readonly name: string;
  /** Whether the classifier knows it. */
  readonly enabled: boolean;
  readonly pictures: readonly Picture[];
}

export interface Project {
  readonly name: string;
  readonly classes: readonly ClassCard[];
}

/** A file: what it is, and all that is in it. */
export interface Bytes {
  readonly type: string;
  readonly bytes: ArrayBuffer;
}
