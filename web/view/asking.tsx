// What is it? A picture or the camera, and the answer as bars with the pictures that are most like it.

import { printable } from "pudnet";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { CameraView } from "./camera-view.tsx";
import { placedOfInput, takeDrop } from "./dropped.ts";
import { BlobImage, Thumbnail } from "./thumbnail.tsx";

interface Props {
  readonly session: Session;
}

/** Bars that are shown. */
const BARS = 5;

export function AskingPanel({ session }: Props) {
  const { asking, learning } = session;
  const ask = (file: File | undefined): void => void (file && asking.ask(file));
  const isReady = learning.made.value !== undefined;
  return (
    <section
      class="panel asking"
      aria-labelledby="asking-title"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => void takeDrop(session, event, ([first]) => ask(first?.file))}
    >
      <h2 id="asking-title">{TEXTS.ask}</h2>
      <p class="hint">{isReady ? TEXTS.askHint : TEXTS.needTwo}</p>
      <div class="ways">
        <label class="button">
          {TEXTS.askPick}
          <input
            type="file"
            class="unseen"
            accept="image/*"
            disabled={!isReady}
            onChange={(event) => ask(placedOfInput(event.currentTarget)[0]?.file)}
          />
        </label>
        <button
          type="button"
          class="first"
          aria-pressed={asking.isLive.value}
          disabled={!isReady}
          onClick={() => void asking.toggleLive()}
        >
          {asking.isLive.value ? TEXTS.askLiveStop : TEXTS.askLive}
        </button>
      </div>
      {asking.isLive.value && <CameraView session={session} />}
      {asking.picture.value && (
        <div class="asked">
          <BlobImage blob={asking.picture.value} alt={TEXTS.asked} />
        </div>
      )}
      {asking.problem.value !== undefined && (
        <p class="problem" role="alert">
          {asking.problem.value}
        </p>
      )}
      {session.camera.lost.value.has("asking") && (
        <p class="problem" role="alert">
          {TEXTS.cameraLost}
        </p>
      )}
      <Answers session={session} />
      <p class="unseen" role="status">
        {asking.said.value}
      </p>
    </section>
  );
}

function Answers({ session }: Props) {
  const { asking } = session;
  const answer = asking.answer.value;
  if (!answer) return null;
  return (
    <>
      {answer.unknown && <p class="unknown">{TEXTS.unknown}</p>}
      <ol class={answer.unknown ? "bars doubted" : "bars"} aria-label={TEXTS.answers}>
        {answer.labels.slice(0, BARS).map(({ class: classId, score }) => (
          <li key={classId}>
            <span>{printable(asking.nameOf(classId))}</span> <span>{TEXTS.score(score)}</span>
            <meter value={score} aria-label={printable(asking.nameOf(classId))} />
          </li>
        ))}
      </ol>
      <p class="hint">{TEXTS.answeredIn(answer.milliseconds)}</p>
      {answer.nearest.length > 0 && (
        <>
          <h3>{TEXTS.nearest}</h3>
          <ul class="pictures nearest">
            {answer.nearest.map(({ picture, similarity }) => (
              <li key={picture}>
                <Thumbnail
                  session={session}
                  id={picture}
                  alt={TEXTS.similarity(printable(classOf(session, picture)), similarity)}
                />
                <span class="caption">{printable(classOf(session, picture))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function classOf(session: Session, picture: string): string {
  const { classes } = session.project.value;
  return classes.find(({ pictures }) => pictures.some(({ id }) => id === picture))?.name ?? "";
}
