import "@fontsource-variable/figtree/wght.css";
import "./ui/firstStyles";
import "./ui/tokens.css";
import "./ui/touch.css";
import { createRoot } from "react-dom/client";
import { watchConnection } from "./api/connection";
import { resume } from "./api/session";
import { startLanguages } from "./i18n";
import { Providers } from "./ui/Providers";

watchConnection();
// Both take a round trip to the server, so they start together; the router waits for the session where it needs one.
void resume().catch(() => undefined);
await startLanguages();
const root = document.getElementById("root");
if (root) createRoot(root).render(<Providers />);
