// A picture in small, and one that is a file, whose address lasts as long as it is shown.

import { useEffect, useState } from "preact/hooks";
import type { Session } from "../session/session.ts";

interface Props {
  readonly session: Session;
  readonly id: string;
  readonly alt: string;
}

export function Thumbnail({ session, id, alt }: Props) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    let isShown = true;
    void session.thumbnails.addressOf(id).then((found) => isShown && setAddress(found));
    return () => void (isShown = false);
  }, [session, id]);
  return <Image address={address} alt={alt} />;
}

export function BlobImage({ blob, alt }: { readonly blob: Blob | undefined; readonly alt: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return <Image address={url} alt={alt} />;
}

function Image({ address, alt }: { readonly address: string | undefined; readonly alt: string }) {
  if (address === undefined) return <span class="image-to-come" role="img" aria-label={alt} />;
  return <img src={address} alt={alt} />;
}
