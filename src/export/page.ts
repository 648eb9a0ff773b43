// What a page with a classifier in it does: one function that uses nothing but the browser, so that its text can stand in a file.

interface Answer {
  readonly label: string;
  readonly score: number;
}

/** Pictures that are chosen, dropped or pasted, or a camera's, become bars. Names are shown as text alone. */
export function runPage(
  classify: (picture: ImageData, top: number) => readonly Answer[],
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
  let saidAt = -QUIET;

  function item(text: string): HTMLLIElement {
    const element = document.createElement("li");
    element.textContent = text;
    return element;
  }

  function bar({ label, score }: Answer): HTMLLIElement {
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
    const answers = classify(context.getImageData(0, 0, canvas.width, canvas.height), BARS);
    at("bars").replaceChildren(...answers.map(bar));
    const [best] = answers;
    if (best && performance.now() - saidAt >= QUIET) say(`${best.label}, ${(100 * best.score).toFixed(0)} %`);
  }

  async function open(file: File | undefined): Promise<void> {
    if (!file) return;
    stop();
    saidAt = -QUIET;
    try {
      const bitmap = await createImageBitmap(file);
      show(bitmap, bitmap.width, bitmap.height);
      bitmap.close();
    } catch {
      at("bars").replaceChildren();
      say(`${file.name} is no picture that this browser can open.`);
    }
  }

  function stop(): void {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    at("camera").ariaPressed = "false";
  }

  function frame(): void {
    if (!stream) return;
    if (video.videoWidth > 0) show(video, video.videoWidth, video.videoHeight);
    setTimeout(frame, PAUSE);
  }

  async function toggleCamera(): Promise<void> {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: true });
      for (const track of stream.getTracks()) track.addEventListener("ended", stop);
      video.srcObject = stream;
      await video.play();
      at("camera").ariaPressed = "true";
      frame();
    } catch {
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
