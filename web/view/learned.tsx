// How the classifier was made: what it took, and what the last change did.

import type { Learned } from "../engine/protocol.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";

export function LearnedLine({ session }: { readonly session: Session }) {
  const { learning } = session;
  const made = learning.made.value;
  const progress = learning.progress.value;
  const difference = learning.difference.value;
  return (
    <section class="panel learned" aria-busy={progress !== undefined}>
      {learning.info.value === undefined && learning.problem.value === undefined && <p>{TEXTS.loading}</p>}
      {learning.info.value?.readsPixels === false && <p class="problem">{TEXTS.pixelsChanged}</p>}
      {made && <Facts learned={made.learned} />}
      {made && difference && (
        <p class="hint">{TEXTS.difference(difference.righted.length, difference.wronged.length)}</p>
      )}
      {learning.info.value && !made && progress === undefined && <p class="hint">{TEXTS.needTwo}</p>}
      {progress !== undefined && (
        <p class="hint">
          {TEXTS.learning} <progress value={progress} aria-label={TEXTS.learning} />
        </p>
      )}
      {learning.problem.value !== undefined && (
        <p class="problem" role="alert">
          {learning.problem.value}{" "}
          <button type="button" onClick={() => void learning.startAgain()}>
            {TEXTS.startAgain}
          </button>
        </p>
      )}
    </section>
  );
}

function Facts({ learned }: { readonly learned: Learned }) {
  const { milliseconds, how, weights, bytes } = learned;
  return (
    <dl class="facts">
      {TEXTS.learned(milliseconds, how === "head", weights, bytes).map(([number, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{number}</dd>
        </div>
      ))}
    </dl>
  );
}
