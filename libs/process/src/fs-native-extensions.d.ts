declare module 'fs-native-extensions' {
  /** Locks an open file for as long as it is open; false when another process holds the lock. */
  export function tryLock(fd: number, options: { exclusive: boolean }): boolean;
}
