/** The release that this code is, as package.json has it. Nodes publish theirs, because not all are upgraded at the same time. */
export const RELEASE = '0.1.0';
