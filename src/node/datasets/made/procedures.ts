// Textures and shapes: sets that take no package.

import { shapeNames, shapePicture } from "../../../data/made/shapes.ts";
import { textureNames, texturePicture } from "../../../data/made/textures.ts";
import { fold } from "../../../tensor/random.ts";
import { MADE_SIDE, type MadeClass } from "./made-set.ts";

export function textureClasses(): MadeClass[] {
  return textureNames().map((name) => ({
    name,
    picture: (ofClass, i) => texturePicture(name, fold(ofClass, i), MADE_SIDE),
  }));
}

export function shapeClasses(): MadeClass[] {
  return shapeNames().map((name) => ({ name, picture: (ofClass, i) => shapePicture(name, fold(ofClass, i)) }));
}
