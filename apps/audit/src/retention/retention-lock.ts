/** Key of the advisory lock under which evidence is dropped and holds are placed: what a hold finds when it is placed stays. */
export const RETENTION_LOCK = 71_003;
