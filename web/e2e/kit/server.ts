/** A ClinicHub of its own for a test file: the program under test on a free port, with an empty data folder or the demonstration. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ServerOptions {
  /** With the invented clinics, people and accounts. */
  demo?: boolean;
  /** More arguments of `clinichub serve`. */
  args?: readonly string[];
}

export class Server {
  readonly url: string;
  /** Everything that the program printed on its standard output when it was ready. */
  readonly banner: readonly string[];
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, banner: readonly string[], folder: string) {
    this.#child = child;
    this.url = url;
    this.banner = banner;
    this.folder = folder;
  }

  static async start({ demo = true, args = [] }: ServerOptions = {}): Promise<Server> {
    const program = process.env.CLINICHUB_BIN;
    if (!program) throw new Error("CLINICHUB_BIN must name the program: cargo xtask test --web sets it");
    const folder = mkdtempSync(join(tmpdir(), "clinichub-e2e-"));
    const serve = [
      "serve",
      "--data-dir",
      folder,
      "--listen",
      "127.0.0.1:0",
      "--log",
      "warn",
      ...(demo ? ["--demo"] : []),
      ...args,
    ];
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CLINICHUB_")));
    const child = spawn(program, serve, { env, stdio: ["ignore", "pipe", "inherit"] });
    const banner: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${banner.join("\n")}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        banner.push(line);
        const ready = /is ready: (\S+)/.exec(line);
        if (ready?.[1]) resolve(ready[1]);
      });
    });
    await isReady(url);
    return new Server(child, url, banner, folder);
  }

  /** The link that an empty installation prints: where its first clinic is set up. */
  get setupLink(): string {
    const link = this.banner.map((line) => /(\S+\/setup#token=\S+)/.exec(line)?.[1]).find(Boolean);
    if (!link) throw new Error(`no set-up link in: ${this.banner.join("\n")}`);
    return link;
  }

  /** The mails that were sent, the newest last. */
  get mails(): string[] {
    const box = join(this.folder, "mail");
    return readdirSync(box)
      .sort()
      .map((name) => readFileSync(join(box, name), "utf8"));
  }

  /** The newest link to `path` that was mailed to somebody; waits for the mail. */
  async link(email: string, path: string): Promise<string> {
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const mails = existsSync(join(this.folder, "mail")) ? this.mails : [];
      const theirs = mails.filter((mail) => mail.includes(email)).map(readable);
      const link = theirs.flatMap((mail) => mail.match(/https?:\/\/\S+/g) ?? []).findLast((url) => url.includes(path));
      if (link) return link;
      await new Promise((resume) => setTimeout(resume, 100));
    }
    throw new Error(`no link to ${path} was mailed to ${email}`);
  }

  /** Calls the API past the browser, to set the scene. */
  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    token: string | null,
    body?: unknown,
  ): Promise<T> {
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(this.url + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async token(email: string, password = "admin123"): Promise<string> {
    const { access_token } = await this.call<{ access_token: string }>("POST", "/api/auth/login", null, {
      email,
      password,
    });
    return access_token;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(force);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Stops answering without ending, as a network that is gone; `go` lets it answer again. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  go(): void {
    this.#child.kill("SIGCONT");
  }
}

async function isReady(url: string): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`${url} did not become ready`);
}

/** A mail without the soft line breaks and escapes of quoted-printable. */
function readable(mail: string): string {
  return mail
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
