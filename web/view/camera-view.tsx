// What the camera sees, as in a mirror; what is taken is not mirrored.

import { useEffect, useRef } from "preact/hooks";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";

export function CameraView({ session }: { readonly session: Session }) {
  const video = useRef<HTMLVideoElement>(null);
  const stream = session.camera.stream.value;
  useEffect(() => {
    const element = video.current;
    if (!element || !stream) return;
    element.srcObject = stream;
    void element.play().catch(() => {}); // the stream ended meanwhile
    return () => void (element.srcObject = null);
  }, [stream]);
  return <video ref={video} class="viewfinder" muted playsInline aria-label={TEXTS.viewfinder} />;
}
