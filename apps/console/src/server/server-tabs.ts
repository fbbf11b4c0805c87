/** The parts of a server's page, by their names in its address. */
export const SERVER_TABS = ['diagnostics', 'settings', 'access', 'sessions', 'activity'] as const;
/** A part of a server's page. */
export type ServerTab = (typeof SERVER_TABS)[number];
/** The parts as they are shown. */
export const TAB_TITLES: Readonly<Record<ServerTab, string>> = {
  diagnostics: 'Diagnostics',
  settings: 'Settings',
  access: 'Access',
  sessions: 'Sessions',
  activity: 'Activity',
};
