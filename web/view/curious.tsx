// For the curious: how it fares on pictures held back, which mistakes it makes, and what was generated.

import { printable } from "pudnet";
import { useEffect, useRef } from "preact/hooks";
import type { Judged, Learned } from "../engine/protocol.ts";
import { movePicture, removePictures } from "../model/changes.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { Thumbnail } from "./thumbnail.tsx";

interface Props {
  readonly session: Session;
}
interface JudgedProps {
  readonly judged: Judged;
  readonly names: readonly string[];
}

const MOST_MISTAKES = 12;
const MOST_PAIRS = 3;
/** A larger matrix is no longer read. */
const MOST_CLASSES = 30;

export function Curious({ session }: Props) {
  const { judged, isJudging, progress, made: latest } = session.learning;
  const found = judged.value;
  const made = latest.value;
  if (!made) return null;
  const names = found?.dataset.classes.map(({ name }) => printable(name)) ?? [];
  return (
    <details class="panel curious">
      <summary>{TEXTS.curious}</summary>
      {found ? (
        <>
          <p>
            <strong>{TEXTS.accuracy(found.judged.accuracy, found.judged.interval, found.judged.n)}</strong>
          </p>
          <p class="hint">{TEXTS.accuracyTerm}</p>
          <Confusion judged={found.judged} names={names} />
          <Mistakes session={session} judged={found.judged} names={names} />
          <Calibration judged={found.judged} />
        </>
      ) : (
        <p class="hint">{isJudging.value || progress.value !== undefined ? TEXTS.judging : TEXTS.notJudged}</p>
      )}
      <Made learned={made.learned} />
    </details>
  );
}

function Confusion({ judged, names }: JudgedProps) {
  const { confusion } = judged;
  const pairs = confusion
    .flatMap((row, is) => row.map((count, taken) => ({ is, taken, count })))
    .filter(({ is, taken, count }) => is !== taken && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_PAIRS);
  return (
    <>
      <h3>{TEXTS.confusion}</h3>
      <p class="hint">{TEXTS.confusionTerm}</p>
      {names.length <= MOST_CLASSES && (
        <div class="wide" tabIndex={0} role="region" aria-label={TEXTS.confusion}>
          <table class="confusion">
            <thead>
              <tr>
                <th scope="col">{TEXTS.isTaken}</th>
                {names.map((name, i) => (
                  <th key={i} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {confusion.map((row, is) => (
                <tr key={is}>
                  <th scope="row">{names[is]}</th>
                  {row.map((count, taken) => (
                    <td key={taken} class={count === 0 ? "none" : is === taken ? "right" : "mistaken"}>
                      {count}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pairs.length === 0 ? (
        <p>{TEXTS.noMistakes}</p>
      ) : (
        <>
          <h4>{TEXTS.confused}</h4>
          <ul>
            {pairs.map(({ is, taken, count }) => (
              <li key={`${is} ${taken}`}>{TEXTS.pair(names[is] ?? "", names[taken] ?? "", count)}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Mistakes({ session, judged, names }: Props & JudgedProps) {
  const { classes } = session.project.value;
  const placeOf = new Map(classes.flatMap(({ id, pictures }) => pictures.map((one) => [one.id, { id, one }] as const)));
  const there = judged.mistakes.filter(({ picture }) => placeOf.has(picture)).slice(0, MOST_MISTAKES);
  if (there.length === 0) return null;
  return (
    <>
      <h3>{TEXTS.mistakes}</h3>
      <p class="hint">{TEXTS.mistakesTerm}</p>
      <ul class="mistakes">
        {there.map(({ picture, expected, predicted, score }) => {
          const text = TEXTS.mistake(names[expected] ?? "", names[predicted] ?? "", score);
          const { id, one } = placeOf.get(picture)!;
          return (
            <li key={picture}>
              <Thumbnail session={session} id={picture} alt={text} />
              <span>{text}</span>
              <select
                aria-label={TEXTS.relabel(printable(one.name))}
                value={id}
                onChange={(event) => {
                  const to = event.currentTarget.value;
                  session.change((project) => movePicture(project, picture, to));
                }}
              >
                {classes.map((card) => (
                  <option key={card.id} value={card.id}>
                    {printable(card.name)}
                  </option>
                ))}
              </select>
              <button
                type="button"
                class="quiet"
                aria-label={TEXTS.deletePicture(printable(one.name))}
                onClick={() => session.change((project) => removePictures(project, new Set([picture])))}
              >
                {TEXTS.deleteClassShort}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Calibration({ judged }: { readonly judged: Judged }) {
  return (
    <>
      <h3>{TEXTS.calibration}</h3>
      <p class="hint">{TEXTS.calibrationTerm(judged.calibrationError)}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{TEXTS.binConfidence}</th>
            <th scope="col">{TEXTS.binAccuracy}</th>
            <th scope="col">{TEXTS.binCount}</th>
          </tr>
        </thead>
        <tbody>
          {judged.bins.map(({ confidence, accuracy, n }) => (
            <tr key={confidence}>
              <td>{TEXTS.score(confidence)}</td>
              <td>{TEXTS.score(accuracy)}</td>
              <td>{n}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Made({ learned }: { readonly learned: Learned }) {
  const { head, strength, filters } = learned;
  return (
    <>
      <h3>{TEXTS.head}</h3>
      <p class="hint">{TEXTS.headTerm}</p>
      <p>{TEXTS.headKind(head.kind, head.lambda)}</p>
      <p>
        {TEXTS.fitted} {strength !== undefined && TEXTS.strength(strength)}
      </p>
      <h3>{TEXTS.filters}</h3>
      <p class="hint">{TEXTS.filtersTerm}</p>
      <Filters filters={filters} />
    </>
  );
}

/** Kernels a row, and pixels between two of them. */
const ROW = 16;
const GAP = 1;

function Filters({ filters }: { readonly filters: Learned["filters"] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { count, side, pixels } = filters;
  const cell = side + GAP;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    for (let i = 0; i < count; i++) {
      const image = context.createImageData(side, side);
      for (let at = 0; at < side * side; at++) {
        const from = 3 * (i * side * side + at);
        image.data.set([pixels[from]!, pixels[from + 1]!, pixels[from + 2]!, 255], 4 * at);
      }
      context.putImageData(image, (i % ROW) * cell, Math.floor(i / ROW) * cell);
    }
  }, [filters]);
  return (
    <canvas
      ref={canvas}
      class="filters"
      width={Math.min(count, ROW) * cell - GAP}
      height={Math.ceil(count / ROW) * cell - GAP}
      role="img"
      aria-label={TEXTS.filtersImage(count)}
    />
  );
}
