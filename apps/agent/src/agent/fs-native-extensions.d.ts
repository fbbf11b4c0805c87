declare module 'fs-native-extensions' {
  /** Takes a lock on an open file for as long as it is open; false when another process has one. */
  export function tryLock(fd: number, options: { exclusive: boolean }): boolean;
}
