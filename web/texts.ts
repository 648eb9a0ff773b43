// Every sentence that the page shows or reads aloud.

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const pictures = (count: number): string => (count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`);
/** A few names, and how many more there are. */
const named = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;

export const TEXTS = {
  title: "PudNet",
  subtitle: "A classifier of your own pictures, made while you add them. Nothing leaves this machine.",
  loading: "Loading the network …",
  notSecure: "Browsers let this page compute only at an address that begins with https or is localhost. Open it there.",
  pixelsChanged:
    "This browser changes the pixels that pages read, as a protection against tracking, so that nothing can be learned from them. Allow this page to read canvases in its settings.",
  unforeseen: (what: string) =>
    `Something went wrong that nobody foresaw: ${what}. Save a zip, then load the page again.`,
  workerDied:
    "The part of the page that computes has ended: for want of memory, or because one of the page's files did not come.",
  startAgain: "Start it again",
  dismiss: "Put away",

  // the project as a whole
  projectName: "Name of the project",
  undo: "Undo",
  redo: "Redo",
  afresh: "Start afresh",
  addClass: "Add a class",
  addFolders: "Add folders …",
  openZip: "Open a zip …",
  openSample: "Try it with a sample",
  begin: "Drop a folder of pictures for each class here, or begin with an empty class.",
  beginHint:
    "A folder that holds folders becomes a class for each of them. Zips of such folders and of projects open, too.",
  dropFolders: "Drop folders or a zip anywhere on this page.",
  newClass: (n: number) => `Class ${n}`,
  emptyFolder: "There are no pictures in that folder.",
  besideFolders: (names: readonly string[]) =>
    `Left out, because they lie beside the folders of classes: ${named(names)}.`,
  notRead: (paths: readonly string[]) => `Left out, because they could not be read: ${named(paths)}.`,
  noFilesDropped:
    "That page gave no picture, only its address. Copy the picture there and paste it here, or save it first.",

  // a class
  className: "Name of the class",
  nameTaken: "Another class is called so.",
  count: pictures,
  waiting: (count: number) => `${pictures(count)} on the way`,
  enabled: "In use",
  deleteClass: (name: string) => `Delete class ${name}`,
  deleteClassShort: "Delete",
  pick: "Pictures …",
  pickFor: (name: string) => `Add pictures to ${name}`,
  camera: "Camera",
  cameraFor: (name: string) => `Camera for ${name}`,
  take: "Hold to take pictures",
  taking: "Taking pictures: press to stop",
  dropHere: "Drop or paste pictures here",
  more: (count: number) => `Show ${Math.min(count, 200)} more`,
  deletePicture: (name: string) => `Delete ${name}`,
  takenFor: (name: string) => `taken for ${name}`,
  inSeveral: (names: readonly string[], count: number) =>
    `${pictures(count)} also in another class (${named(names)}): no classifier can tell them apart.`,
  refusedFiles: (names: readonly string[], reason: string) => `${named(names)}: ${reason}`,
  refusals: {
    empty: "the file is empty",
    "not-a-picture": "no picture",
    unsupported: "this browser cannot open that kind of picture; save it as JPEG or PNG",
    "too-large": "too many pixels to open here; scale it down first",
    unreadable: "damaged, or no longer there",
  },
  alreadyThere: "in this class already",
  classWent: "the class was deleted meanwhile; add it again",
  notDecoded: "could not be decoded; add it again",
  noCamera: (name: string) =>
    name === "NotAllowedError"
      ? "The camera was refused: allow it in the settings of this page."
      : name === "NotFoundError"
        ? "There is no camera on this machine."
        : "The camera cannot be used: another program may have it, or it was unplugged.",
  cameraLost: "The camera has stopped: it was unplugged, or another program took it.",

  // what is learned
  needTwo: "Two classes with pictures are needed.",
  learning: "Learning …",
  learned: (
    milliseconds: number,
    isHeld: boolean,
    weights: number,
    bytes: number,
  ): readonly (readonly [number: string, what: string])[] => [
    [`${milliseconds.toFixed(0)} ms`, isHeld ? "to learn it, weights held" : "to make it"],
    [weights.toLocaleString("en"), "weights"],
    [`${(bytes / 1000).toFixed(0)} kB`, "in 8 bits"],
  ],
  difference: (righted: number, wronged: number) =>
    righted + wronged === 0
      ? "The last change turned no answer to pictures left out."
      : `Of pictures left out, the last change turned ${[righted > 0 && `${righted} right`, wronged > 0 && `${wronged} wrong`].filter(Boolean).join(" and ")}.`,

  // asking
  ask: "What is it?",
  askHint: "Drop, paste or pick a picture, or use the camera.",
  askPick: "Picture …",
  askLive: "Live camera",
  askLiveStop: "Stop the camera",
  answers: "Answers",
  unknown: "Unknown: like nothing that it was made from",
  said: (name: string, score: number) => `${name}, ${percent(score)}`,
  score: (score: number) => `${(100 * score).toFixed(1)} %`,
  answeredIn: (milliseconds: number) => `answered in ${milliseconds.toFixed(0)} ms`,
  nearest: "Why: the pictures it knows that are most like this one",
  similarity: (name: string, similarity: number) => `${name}, ${percent(similarity)} alike`,
  asked: "The picture asked about",
  viewfinder: "What the camera sees",

  // for the curious
  curious: "For the curious",
  judging: "Judging …",
  notJudged: "Where each class has a few pictures, a fifth of them is held back to judge by.",
  accuracy: (accuracy: number, [low, high]: readonly [number, number], n: number) =>
    `${percent(accuracy)} of ${n} held-back pictures are right (95 % interval ${percent(low)} to ${percent(high)}).`,
  accuracyTerm:
    "Held back: a fifth of each class, which a second classifier is made without; pictures of one press of the camera, and copies, stay on one side.",
  confusion: "Confusion matrix",
  confusionTerm: "A row is what pictures are, a column what they were taken for.",
  isTaken: "is ↓ taken for →",
  confused: "Most often confused",
  pair: (is: string, taken: string, count: number) => `${is} taken for ${taken}: ${count}`,
  noMistakes: "No held-back picture was taken for another class.",
  mistakes: "Surest mistakes",
  mistakesTerm: "Held-back pictures that the classifier is surest of, and wrong: is the label right?",
  mistake: (is: string, taken: string, score: number) => `${is}, taken for ${taken} with ${percent(score)}`,
  relabel: (name: string) => `Class of ${name}`,
  calibration: "Calibration",
  calibrationTerm: (error: number) =>
    `Whether 80 % means right in 8 of 10: scores are off by ${(100 * error).toFixed(1)} points on average.`,
  binConfidence: "says",
  binAccuracy: "is right",
  binCount: "pictures",
  filters: "First layer",
  filtersTerm: "The kernels of the network that look at the pixels, as pictures.",
  filtersImage: (count: number) => `${count} kernels as small coloured squares`,
  head: "Head and gate",
  headTerm: "The head turns what the network sees into answers; left-out pictures chose it.",
  headKind: (kind: string, lambda: number | undefined) => (lambda === undefined ? kind : `${kind}, lambda ${lambda}`),
  strength: (strength: number) =>
    `The network predicts a change of its weights; left-out pictures chose to make ${percent(strength)} of it.`,
  fitted: "Batch norm and head are fitted to your pictures.",

  // leaving
  export: "Take it with you",
  exportHint: "The classifier as a file that runs elsewhere, without this page.",
  format: "Format",
  download: "Download",
  exporting: "Making the file …",
  formats: {
    html: "HTML: one page, works offline",
    js: "JavaScript: one module, no runtime",
    onnx: "ONNX: for any onnxruntime",
    safetensors: "safetensors: weights for PyTorch",
    c: "C: for microcontrollers",
  },
  numbers: { float32: "32-bit floats", float16: "16-bit floats", int8: "8 bits" },
  file: (name: string, bytes: number) => `${name}: ${(bytes / 1000).toFixed(0)} kB`,
  memory: (flash: number, ram: number) =>
    `It takes ${(flash / 1000).toFixed(0)} kB of flash and ${(ram / 1000).toFixed(0)} kB of RAM.`,
  snippet: "How to use it",
  useHtml: (name: string) => `Open ${name}.html in a browser: from the disk, offline, or on any web server.`,
  useSafetensors: (name: string) =>
    `load_file of safetensors.torch reads ${name}.safetensors; its tensors are called as torchvision calls them.`,
  copy: "Copy",
  copied: "Copied",
  saveZip: "Save the project as a zip",
  zipping: (count: number) => (count === 0 ? "Making the zip …" : `Making the zip: ${pictures(count)} so far`),
  openingZip: "Opening the zip …",
  damagedInZip: (paths: readonly string[]) => `Left out, because they are damaged in the zip: ${named(paths)}.`,
  leftOutOfZip: (names: readonly string[]) => `Left out of the zip: ${named(names)}.`,
  told: (message: string, hint: string | undefined) => (hint === undefined ? message : `${message} (${hint})`),
  keptHere: "Your pictures are kept in this browser alone.",
  keepLonger: "Ask the browser to keep them",
  keptLonger: "The browser keeps them until you delete them.",
  notKeptLonger: "The browser may delete them when room gets short: save a zip.",
  neverZipped: (count: number) => `${pictures(count)} are in no zip yet.`,
  zippedSince: (came: number) =>
    came === 0 ? "The project has changed since the last zip." : `${pictures(came)} have come since the last zip.`,
  troubles: {
    full: "The browser has no room left: what you add that does not fit is lost with this page. Save a zip.",
    forbidden: "The browser keeps nothing for this page (a private window?): save a zip before you close it.",
    elsewhere: "This project is open in another tab, which keeps its own changes; those of this one are not kept.",
    left: "The other tab is closed: load this page again, and it keeps what you do. Save a zip first if you changed anything here.",
    unreadable:
      "What this browser keeps for this page could not be read. It stays as it is, and nothing new is kept: load the page again, and save a zip of what you do here.",
    failed: "The last changes could not be kept. Save a zip.",
  },
};
