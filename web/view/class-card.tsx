// One class: its name, its pictures, and the ways in which pictures come into it.

import { printable } from "pudnet";
import { useComputed, useSignal } from "@preact/signals";
import { enableClass, removeClass, removePictures, renameClass } from "../model/changes.ts";
import type { ClassCard as Card, Picture } from "../model/project.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { CameraView } from "./camera-view.tsx";
import { filesOfPaste, placedOfInput, takeDrop } from "./dropped.ts";
import { Thumbnail } from "./thumbnail.tsx";

interface Props {
  readonly session: Session;
  readonly card: Card;
}

/** Thumbnails that are shown at first, and more at a press. */
const FIRST = 40;
const MORE = 200;

export function ClassCard({ session, card }: Props) {
  const isOver = useSignal(false);
  const { intake } = session;
  const take = (files: readonly File[]): void =>
    void intake.add(
      card.id,
      files.map((file) => ({ name: file.name, file })),
    );
  const drop = (event: DragEvent): void => {
    isOver.value = false;
    void takeDrop(session, event, (placed) => take(placed.map(({ file }) => file)));
  };
  return (
    <li
      class={`card ${isOver.value ? "over" : ""} ${card.enabled ? "" : "disabled"}`}
      aria-label={printable(card.name)}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={drop}
      onPaste={(event) => {
        const files = filesOfPaste(event);
        if (files.length === 0) return; // text, into the name
        event.preventDefault();
        take(files);
      }}
    >
      <Head session={session} card={card} />
      <State session={session} card={card} />
      <Pictures session={session} card={card} />
      <Ways session={session} card={card} take={take} />
    </li>
  );
}

function Head({ session, card }: Props) {
  const isTaken = useSignal(false);
  const rename = (input: HTMLInputElement): void => {
    const name = input.value.trim();
    isTaken.value = session.project.peek().classes.some((other) => other.id !== card.id && other.name === name);
    if (name !== "" && name !== card.name && !isTaken.value)
      session.change((project) => renameClass(project, card.id, name));
    if (name === "") input.value = card.name;
  };
  const whyTaken = `taken-${card.id}`;
  return (
    <div class="card-head">
      <input
        class="card-name"
        value={printable(card.name)}
        maxLength={100}
        aria-label={TEXTS.className}
        aria-invalid={isTaken.value}
        aria-describedby={isTaken.value ? whyTaken : undefined}
        onChange={(event) => rename(event.currentTarget)}
      />
      {isTaken.value && (
        <span id={whyTaken} class="problem" role="alert">
          {TEXTS.nameTaken}
        </span>
      )}
      <span class="count">{TEXTS.count(card.pictures.length)}</span>
      <button
        type="button"
        class="quiet"
        aria-label={TEXTS.deleteClass(printable(card.name))}
        onClick={() => session.change((project) => removeClass(project, card.id))}
      >
        {TEXTS.deleteClassShort}
      </button>
    </div>
  );
}

function Ways({ session, card, take }: Props & { readonly take: (files: readonly File[]) => void }) {
  const problem = useSignal<string | undefined>(undefined);
  const { camera } = session;
  const isOn = camera.users.value.has(card.id);
  const toggle = async (): Promise<void> => {
    problem.value = undefined; // the same is told again
    if (isOn) camera.stop(card.id);
    else problem.value = await camera.start(card.id);
  };
  return (
    <div class="ways">
      <label class="button">
        {TEXTS.pick}
        <input
          type="file"
          class="unseen"
          accept="image/*"
          multiple
          aria-label={TEXTS.pickFor(printable(card.name))}
          onChange={(event) => take(placedOfInput(event.currentTarget).map(({ file }) => file))}
        />
      </label>
      <button
        type="button"
        aria-pressed={isOn}
        aria-label={TEXTS.cameraFor(printable(card.name))}
        onClick={() => void toggle()}
      >
        {TEXTS.camera}
      </button>
      <label class="learn">
        <input
          type="checkbox"
          checked={card.enabled}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            session.change((project) => enableClass(project, card.id, checked));
          }}
        />
        {TEXTS.enabled}
      </label>
      {isOn && <Taking session={session} card={card} />}
      {problem.value !== undefined && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {camera.lost.value.has(card.id) && (
        <p class="problem" role="alert">
          {TEXTS.cameraLost}
        </p>
      )}
    </div>
  );
}

/** Presses that are shorter toggle. */
const HELD = 400;

/** Held it takes pictures until it is let go; pressed shortly, or by a key, until it is pressed again. */
function Taking({ session, card }: Props) {
  const pressedAt = useSignal(0);
  const { camera, intake } = session;
  const isTaking = camera.taking.value === card.id;
  const begin = (): void => {
    const burst = crypto.randomUUID();
    void camera.take(card.id, (file, count) => {
      void intake.add(card.id, [{ name: `camera-${count}.jpg`, file, burst }], burst);
    });
  };
  return (
    <div class="taking">
      <CameraView session={session} />
      <button
        type="button"
        aria-pressed={isTaking}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId); // let go beside it, it is let go
          pressedAt.value = isTaking ? 0 : performance.now();
          if (!isTaking) begin();
        }}
        onPointerUp={() => performance.now() - pressedAt.value > HELD && camera.stopTaking()}
        onPointerCancel={() => camera.stopTaking()}
        onContextMenu={(event) => event.preventDefault()}
        onClick={(event) => {
          if (event.detail !== 0) return; // of a pointer, which was heard
          if (isTaking) camera.stopTaking();
          else begin();
        }}
      >
        {isTaking ? TEXTS.taking : TEXTS.take}
      </button>
    </div>
  );
}

/** What is read aloud is there from the start, empty: what is put into it is heard. */
function State({ session, card }: Props) {
  const { waiting, refused } = useComputed(() => session.intake.cardState(card.id)).value;
  const several = session.inSeveral.value;
  const shared = card.pictures.filter(({ content }) => several.has(content));
  const dismiss = (event: Event): void => {
    const ofCard = (event.currentTarget as HTMLElement).closest("li");
    ofCard?.querySelector<HTMLElement>("input[type=file]")?.focus(); // not what is next, a button that deletes
    session.intake.dismiss(card.id);
  };
  const others = new Set(shared.flatMap(({ content }) => several.get(content)!).filter((name) => name !== card.name));
  return (
    <>
      {waiting > 0 && <p class="waiting">{TEXTS.waiting(waiting)}</p>}
      <div role="status">
        {refused.size > 0 && (
          <div class="problem">
            <ul>
              {[...refused].map(([reason, names]) => (
                <li key={reason}>{TEXTS.refusedFiles(names.map(printable), reason)}</li>
              ))}
            </ul>
            <button type="button" class="quiet" onClick={dismiss}>
              {TEXTS.dismiss}
            </button>
          </div>
        )}
        {card.enabled && shared.length > 0 && (
          <p class="problem">{TEXTS.inSeveral([...others].map(printable), shared.length)}</p>
        )}
      </div>
    </>
  );
}

function Pictures({ session, card }: Props) {
  const most = useSignal(FIRST);
  const { pictures } = card;
  const shown = pictures.slice(-most.value).toReversed();
  const left = pictures.length - shown.length;
  return (
    <>
      {pictures.length === 0 && <p class="hint">{TEXTS.dropHere}</p>}
      <ul class="pictures">
        {shown.map((picture) => (
          <OnePicture key={picture.id} session={session} picture={picture} />
        ))}
      </ul>
      {left > 0 && (
        <button type="button" class="quiet" onClick={() => (most.value += MORE)}>
          {TEXTS.more(left)}
        </button>
      )}
    </>
  );
}

function OnePicture({ session, picture }: { readonly session: Session; readonly picture: Picture }) {
  // of its own: else all pictures would be shown anew whenever one is taken for another class
  const takenFor = useComputed(() => session.learning.takenFor.value.get(picture.id)).value;
  const note = takenFor === undefined ? undefined : TEXTS.takenFor(printable(session.asking.nameOf(takenFor)));
  const name = printable(picture.name);
  const remove = (): void => session.change((project) => removePictures(project, new Set([picture.id])));
  return (
    <li class={note === undefined ? "" : "wrong"} title={note === undefined ? name : `${name}: ${note}`}>
      <Thumbnail session={session} id={picture.id} alt={note === undefined ? name : `${name}, ${note}`} />
      <button type="button" class="delete" aria-label={TEXTS.deletePicture(name)} onClick={remove}>
        ×
      </button>
    </li>
  );
}
