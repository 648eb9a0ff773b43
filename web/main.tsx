// The page, put together.

import { render } from "preact";
import { keepForOffline } from "./site/offline.ts";
import { Page } from "./view/page.tsx";

render(<Page />, document.body);
void keepForOffline();
