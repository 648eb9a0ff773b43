// A picture in small; its address lasts as long as it is shown.

import { useEffect, useState } from "preact/hooks";
import type { Session } from "../session/session.ts";

interface Props {
  readonly session: Session;
  readonly id: string;
  readonly alt: string;
}

export function Thumbnail({ session, id, alt }: Props) {
  const [blob, setBlob] = useState<Blob>();
  useEffect(() => {
    let isShown = true;
    void session.thumbnails.get(id).then((found) => isShown && setBlob(found));
    return () => void (isShown = false);
  }, [session, id]);
  return <BlobImage blob={blob} alt={alt} />;
}

export function BlobImage({ blob, alt }: { readonly blob: Blob | undefined; readonly alt: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url === undefined ? <span class="image-to-come" role="img" aria-label={alt} /> : <img src={url} alt={alt} />;
}
