// Which files of a folder or a zip are pictures by their names, and which are no user's data.

/** What people call pictures; what a file then holds decides whether it can be read. */
const PICTURES = new Set(
  ".jpg .jpeg .jpe .jfif .png .apng .webp .gif .tif .tiff .avif .bmp .heic .heif .jxl .jp2 .svg".split(" "),
);

/** Left by systems and programs, never meant as data: passed over without a word, as is what is hidden (".", as in ".git"). */
export const SYSTEM_ENTRIES: readonly string[] = [
  // macOS
  "__MACOSX",
  "Icon\r",
  // Windows
  "Thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "$RECYCLE.BIN",
  "RECYCLER",
  "System Volume Information",
  // Linux
  "lost+found",
  // network storages
  "@eaDir",
  "#recycle",
  "#snapshot",
  "@Recycle",
  "@Recently-Snapshot",
  "@__thumb",
];

const SYSTEM = new Set(SYSTEM_ENTRIES.map((name) => name.toLowerCase()));

/** Whether an entry of this name is no user's data: hidden, or left by a system. */
export function isPassedOver(name: string): boolean {
  return name.startsWith(".") || SYSTEM.has(name.toLowerCase());
}

export function isPictureName(name: string): boolean {
  const ending = /(?<=[^/])\.[^./]+$/.exec(name)?.[0] ?? "";
  return PICTURES.has(ending.toLowerCase());
}
