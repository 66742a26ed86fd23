/** Errors of the file system for whoever named the file: which flag, which file, and why not. */

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of it is no folder',
  EROFS: 'the file system is read-only',
};

export function unusable(flag: string, path: string, error: unknown): Error {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new Error(`--${flag} ${path}: ${WHY[code] ?? message}`, { cause: error });
}
