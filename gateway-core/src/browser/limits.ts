// How much of a browser a conversation may use and be shown.

/** Tabs of one profile, popups included. */
export const MAX_TABS = 24;
export const MAX_SNAPSHOT_CHARS = 60_000;
export const DEFAULT_SNAPSHOT_CHARS = 20_000;
/** With browser.snapshotDefaults.mode = efficient. */
export const EFFICIENT_SNAPSHOT_CHARS = 8_000;
export const MAX_SCRIPT_RESULT_CHARS = 20_000;
export const MAX_CONSOLE_LINES = 200;
export const MAX_LINE_CHARS = 500;
/** Dialogs without a command in between, after which a tab is closed. */
export const MAX_DIALOGS = 25;
export const MAX_DOWNLOADS = 5;
export const MAX_DOWNLOAD_BYTES = 50_000_000;
/** Of a picture for a model. */
export const MAX_PICTURE_BYTES = 1_500_000;
/** Pixels of a whole page that are shown. */
export const MAX_PICTURE_HEIGHT = 6_000;
export const MAX_PDF_BYTES = 12_000_000;
