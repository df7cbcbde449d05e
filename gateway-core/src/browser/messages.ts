// What the gateway and the thread that drives browsers say to each other; types only, so that both can use it.
import type { LookupAddress } from 'node:dns';

/** How a profile's browser comes to be: started by us, or found running. */
export interface LaunchPlan {
  profile: string;
  kind: 'own' | 'attach';
  /** Address of a running browser; for `attach`. */
  cdpUrl: string;
  /** What follows is for `own`. */
  executablePath: string;
  userDataDir: string;
  headless: boolean;
  /** True when Chromium's own sandbox is on. */
  isSandboxed: boolean;
  args: string[];
  env: Record<string, string>;
  /** Milliseconds for starting or attaching. */
  timeoutMs: number;
}

export type ActKind =
  'click' | 'type' | 'press' | 'hover' | 'select' | 'fill' | 'drag' | 'scroll' | 'wait' | 'evaluate' | 'upload';

export interface FillField {
  ref: string;
  text?: string;
  checked?: boolean;
}

export interface UploadFile {
  name: string;
  data: Uint8Array;
}

/** Options of all page commands; each command reads its own. */
export interface PageOptions {
  targetId?: string;
  url?: string;
  history?: 'back' | 'forward' | 'reload';
  ref?: string;
  toRef?: string;
  kind?: ActKind;
  text?: string;
  textGone?: string;
  key?: string;
  submit?: boolean;
  doubleClick?: boolean;
  button?: 'left' | 'right' | 'middle';
  values?: string[];
  fields?: FillField[];
  files?: UploadFile[];
  script?: string;
  /** Milliseconds to wait, for `wait`. */
  waitMs?: number;
  depth?: number;
  maxChars?: number;
  fullPage?: boolean;
  accept?: boolean;
  promptText?: string;
  limit?: number;
}

export type PageCommand =
  'tabs' | 'open' | 'focus' | 'close' | 'navigate' | 'snapshot' | 'act' | 'screenshot' | 'pdf' | 'console' | 'dialog';

export interface Command extends PageOptions {
  name: PageCommand | 'start' | 'stop' | 'running' | 'sweep' | 'shutdown';
  /** The browser that is meant; started when a command needs a page. Absent for `running`, `sweep`, `shutdown`. */
  plan?: LaunchPlan;
  /** Conversation that asks; tabs of other conversations are left alone. Empty for people, who see all. */
  owner: string;
  /** For one step of the command, in milliseconds. */
  timeoutMs: number;
  maxTabs: number;
  /** For `sweep`: tabs that were not used for so long are closed; 0 closes none. */
  tabIdleMs?: number;
  /** For `sweep`: browsers without a window that were not used for so long are closed. */
  browserIdleMs?: number;
}

export interface TabFacts {
  targetId: string;
  url: string;
  title: string;
  isActive: boolean;
}

export interface Download {
  name: string;
  url: string;
  /** Absent when it failed or was too large. */
  data?: Uint8Array;
  problem?: string;
}

export interface ConsoleLine {
  type: string;
  text: string;
}

export interface DialogSeen {
  type: string;
  text: string;
  answer: 'accepted' | 'dismissed';
}

/** What a page command found out. */
export interface PageOutcome {
  targetId?: string;
  url?: string;
  title?: string;
  tabs?: TabFacts[];
  /** The snapshot, or the JSON of what a script returned. */
  text?: string;
  /** Characters that did not fit. */
  cutChars?: number;
  picture?: { data: Uint8Array; mimeType: 'image/jpeg' };
  pdf?: Uint8Array;
  console?: ConsoleLine[];
  dialogs?: DialogSeen[];
  downloads?: Download[];
  /** Tabs that came into being meanwhile. */
  opened?: string[];
  /** Requests of the browser that were refused meanwhile. */
  refused?: number;
}

export interface RunningBrowser {
  profile: string;
  kind: LaunchPlan['kind'];
  headless: boolean;
  /** Process id; absent for a browser that was running already. */
  pid?: number;
  tabs: number;
}

export type FailureCode =
  | 'start_failed'
  | 'attach_failed'
  | 'timeout'
  | 'tab_missing'
  | 'ref_missing'
  | 'address_refused'
  | 'page_failed'
  | 'script_failed'
  | 'bad_command';

export interface Failure {
  code: FailureCode;
  /** A sentence of ours; nothing that a page said is in it. */
  message: string;
  /** What the page said, for `script_failed`. */
  fromPage?: string;
  /** For the log. */
  trace?: string;
}

/** `isMissing`: the name leads nowhere, which is not a refusal. */
export type Verdict = { addresses: LookupAddress[] } | { refusal: string; isMissing?: boolean };

export type ToWorker =
  | { type: 'command'; id: number; command: Command }
  | { type: 'cancel'; id: number }
  | { type: 'verdict'; id: number; verdict: Verdict };

export type FromWorker =
  | { type: 'result'; id: number; outcome: PageOutcome | { running: RunningBrowser[] } }
  | { type: 'failure'; id: number; failure: Failure }
  | { type: 'judge'; id: number; url: string }
  | { type: 'started'; pid: number }
  | { type: 'ended'; pid: number };

/** What the thread is started with. */
export interface WorkerStart {
  /** Where playwright-core is; a thread that is started from text cannot find it by name. */
  playwrightFile: string;
}
