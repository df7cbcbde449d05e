// Where the tools of a conversation work: the host itself or a sandbox. Paths are as the tools see them.

/** What to give to child_process on the host to run a program in the workplace. */
export interface HostCommand {
  file: string;
  args: string[];
  /** Folder on the host; absent when the program itself is put into its folder (containers, ssh). */
  cwd?: string;
  /** The whole environment of the host process, not additions. */
  env: Record<string, string>;
  /**
   * Ends the program inside, where ending the host process does not reach it (a container outlives its client).
   * Called besides killing the host's process group.
   */
  killInside?: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

export interface CommandRequest {
  /** Program and arguments; a shell command line is `['/bin/sh', '-c', line]`. */
  argv: readonly string[];
  /** Relative to `workdir`, or absolute as seen inside. */
  cwd?: string;
  /** Additions to the clean environment. */
  env?: Readonly<Record<string, string>>;
  /** True when the program is to get a terminal. */
  tty?: boolean;
}

export interface FileFacts {
  kind: 'file' | 'folder' | 'other';
  /** Bytes. */
  size: number;
  mtimeMs: number;
}

/** Files of the workplace. All paths: relative to `workdir`, or absolute as seen inside; `~` is not expanded. */
export interface WorkplaceFiles {
  /** The absolute path as seen inside. Throws AppError tool.path_outside when it may not be touched. */
  resolve(path: string, use: 'read' | 'write'): Promise<string>;
  /** Throws AppError tool.file_missing, tool.file_too_large, tool.path_outside. */
  read(path: string, options?: { maxBytes?: number; signal?: AbortSignal }): Promise<Buffer>;
  /** Whole-file and atomic: readers see the old or the new content. Makes parent folders; keeps the file's mode. */
  write(path: string, data: Buffer, options?: { signal?: AbortSignal }): Promise<void>;
  stat(path: string): Promise<FileFacts | undefined>;
  list(path: string): Promise<Array<{ name: string; kind: FileFacts['kind'] }>>;
  remove(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
}

export interface Workplace {
  kind: 'host' | 'docker' | 'bubblewrap' | 'ssh';
  /** Absolute folder that relative paths start from. */
  workdir: string;
  /** False when the workspace is read-only here. */
  isWritable: boolean;
  /** Name of the sandbox for people; absent on the host. */
  name?: string;
  command(request: CommandRequest): Promise<HostCommand>;
  files: WorkplaceFiles;
}

/** Gives a conversation its workplace. Rejects with AppError sandbox.* when it must be sandboxed and cannot. */
export interface Workplaces {
  workplaceOf(scope: {
    agentId: string;
    sessionKey: string;
    workspaceDir: string;
    isMain: boolean;
  }): Promise<Workplace>;
}
