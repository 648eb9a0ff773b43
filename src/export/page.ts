// What a page with a classifier in it does: one function that uses nothing but the browser, so that its text can stand in a file.

interface Label {
  readonly label: string;
  readonly score: number;
}

/** Pictures that are chosen, dropped or pasted, or a camera's, become bars. Names are shown as text alone. */
export function runPage(
  answer: (picture: ImageData, top: number) => { readonly labels: readonly Label[]; readonly unknown: boolean },
  labels: readonly string[],
  about: object,
): void {
  /** Larger pictures are scaled down first. */
  const MOST_PIXELS = 2 ** 24;
  const BARS = 5;
  /** Milliseconds between what is said aloud, and between pictures of a camera. */
  const QUIET = 2000;
  const PAUSE = 100;

  const at = (id: string): HTMLElement => document.getElementById(id)!;
  const canvas = at("preview") as HTMLCanvasElement;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const input = at("file") as HTMLInputElement;
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  let stream: MediaStream | undefined;
  /** Counted up by all that is begun: what began before and is ready later comes too late. */
  let turn = 0;
  let saidAt = -QUIET;

  function item(text: string): HTMLLIElement {
    const element = document.createElement("li");
    element.textContent = text;
    return element;
  }

  function bar({ label, score }: Label): HTMLLIElement {
    const element = item(`${label} `);
    const meter = document.createElement("meter");
    meter.value = score;
    meter.ariaLabel = label;
    element.append(meter, ` ${(100 * score).toFixed(1)} %`);
    return element;
  }

  function say(text: string): void {
    at("said").textContent = text;
    saidAt = performance.now();
  }

  function show(source: CanvasImageSource, width: number, height: number): void {
    const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
    canvas.width = Math.max(1, Math.floor(width * scale));
    canvas.height = Math.max(1, Math.floor(height * scale));
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const { labels: best, unknown } = answer(context.getImageData(0, 0, canvas.width, canvas.height), BARS);
    at("bars").replaceChildren(...best.map(bar));
    at("unknown").hidden = !unknown;
    if (performance.now() - saidAt < QUIET) return;
    say(unknown ? "Unknown" : (best.map(({ label, score }) => `${label}, ${(100 * score).toFixed(0)} %`)[0] ?? ""));
  }

  /** Whether it could be shown; a fault is said. */
  function tryShow(...shown: Parameters<typeof show>): boolean {
    try {
      show(...shown);
      return true;
    } catch (error) {
      fail(`The picture cannot be classified: ${error instanceof Error ? error.message : String(error)}.`);
      return false;
    }
  }

  function fail(text: string): void {
    at("bars").replaceChildren();
    at("unknown").hidden = true;
    say(text);
  }

  async function open(file: File | undefined): Promise<void> {
    if (!file) return;
    stop();
    const mine = turn;
    const bitmap = await createImageBitmap(file).catch(() => undefined);
    if (mine === turn) {
      saidAt = -QUIET;
      if (bitmap) tryShow(bitmap, bitmap.width, bitmap.height);
      else fail(`${file.name} is no picture that this browser can open.`);
    }
    bitmap?.close();
  }

  function release(unused: MediaStream | undefined): void {
    for (const track of unused?.getTracks() ?? []) track.stop();
  }

  function stop(): void {
    turn++;
    release(stream);
    stream = undefined;
    at("camera").ariaPressed = "false";
  }

  function frame(mine: number): void {
    if (mine !== turn) return;
    if (video.videoWidth > 0 && !tryShow(video, video.videoWidth, video.videoHeight)) return stop();
    setTimeout(frame, PAUSE, mine);
  }

  /** Pressed while the camera starts, it is called off. */
  async function toggleCamera(): Promise<void> {
    const isOn = at("camera").ariaPressed === "true";
    stop();
    if (isOn) return;
    const mine = turn;
    at("camera").ariaPressed = "true";
    try {
      const opened = await navigator.mediaDevices.getUserMedia({ video: true });
      if (mine !== turn) return release(opened);
      stream = opened;
      for (const track of opened.getTracks()) track.addEventListener("ended", () => mine === turn && stop());
      video.srcObject = opened;
      await video.play();
      frame(mine);
    } catch {
      if (mine !== turn) return;
      stop();
      say("The camera cannot be used: it was refused, another program has it, or there is none.");
    }
  }

  at("classes").replaceChildren(...labels.map(item));
  at("about").textContent = JSON.stringify(about, undefined, 2);
  input.addEventListener("change", () => void open(input.files?.[0]));
  at("camera").addEventListener("click", () => void toggleCamera());
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    void open(event.dataTransfer?.files[0]);
  });
  document.addEventListener("paste", (event) => void open(event.clipboardData?.files[0]));
}
