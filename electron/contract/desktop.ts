// What the window may ask of the operating-system side, and what the gateway process tells it.
// Runtime-neutral: types and constants only.

/** The one status that tray, window and menus show (words: design "state vocabulary"). */
export type GatewayState = 'starting' | 'ready' | 'working' | 'stopped' | 'failed' | 'restarting';

export interface StatusReason {
  code: string;
  message: string;
  hint?: string;
}

export interface GatewayStatus {
  state: GatewayState;
  /** What is happening while starting, in a few words. */
  step?: string;
  /** Why it failed, or why it is being restarted. */
  reason?: StatusReason;
  /** How many runs are active. */
  working: number;
  pid?: number;
  /** Epoch milliseconds of the last change of `state`. */
  sinceMs: number;
  /** Restarts after a crash since the app started. */
  restarts: number;
  /** When the next automatic start is due, epoch milliseconds. */
  retryAtMs?: number;
}

/** How the window reaches the gateway. The token never leaves the window's memory. */
export interface GatewayConnection {
  /** WebSocket URL, e.g. ws://127.0.0.1:18789 */
  url: string;
  token?: string;
  password?: string;
}

/** Messages of the gateway process to its supervisor. */
export type GatewayProcessMessage =
  | { type: 'starting'; step: string }
  | {
      type: 'ready';
      url: string;
      httpUrl: string;
      token?: string;
      password?: string;
      /** SHA-256 of the port's certificate, 64 lower-case hex digits; only with TLS. */
      tlsFingerprint?: string;
      logFile: string;
    }
  | { type: 'activity'; working: number }
  | { type: 'failed'; code: string; message: string; hint?: string };

/** The key that the operating system's keychain guards, in Base64; or the sentence that says why there is none. */
export type KeychainHandover = { key: string } | { unavailable: string };

/** Messages of the supervisor to the gateway process. `start` comes first; without it nothing begins. */
export type GatewayProcessCommand = { type: 'start'; keychain: KeychainHandover } | { type: 'stop' };

export type ThemePreference = 'system' | 'light' | 'dark';

/** A question to the person. Texts are shown as they are, in one line; nothing in them is markup. */
export interface WaitingQuestion {
  id: string;
  title: string;
  body: string;
}

/** What main takes of the window's questions; the window cuts to it. Characters. */
export const QUESTION_LIMITS = { count: 100, id: 128, title: 200, body: 500 } as const;

/** `window.desktop`: present in the Electron window, absent in a browser. */
export interface DesktopApi {
  platform: 'darwin' | 'win32' | 'linux';
  appVersion: string;
  gateway: {
    status(): Promise<GatewayStatus>;
    /** Resolves when the gateway is ready; undefined while it is stopped or has failed. */
    connection(): Promise<GatewayConnection | undefined>;
    start(): Promise<void>;
    stop(): Promise<void>;
    restart(): Promise<void>;
    copyAddress(): Promise<void>;
    showLogs(): Promise<void>;
    onStatus(listener: (status: GatewayStatus) => void): () => void;
  };
  app: {
    openExternal(url: string): Promise<void>;
    setTheme(theme: ThemePreference): Promise<void>;
    quit(): Promise<void>;
    /**
     * All that waits for an answer now. What is new is announced while the window is not in front; what is gone is
     * withdrawn.
     */
    setQuestions(questions: WaitingQuestion[]): Promise<void>;
    /** The person clicked the announcement of this question; the window is in front already. */
    onQuestion(listener: (id: string) => void): () => void;
    /** Menu entries and shortcuts of the OS ask the window to run one of its commands. */
    onCommand(listener: (commandId: string) => void): () => void;
  };
}
