import { Center, Container, Loader } from '@mantine/core';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { Problem } from './api/problem.js';
import { queryClient } from './api/query-client.js';
import { Shell } from './shell/shell.js';
import { NotFoundPage } from './layout/not-found-page.js';
import { meQuery } from './login/account.js';
import { insideHref, SignInPage } from './login/sign-in-page.js';
import { ACTIVITY_FILTERS, type ActivityFilters } from './activity/activities.js';
import { SESSION_FILTERS, type SessionFilters } from './session/sessions.js';
import { SERVER_TABS, type ServerTab } from './server/server-tabs.js';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <Container component="main" id="content" size="sm" py="xl">
      <NotFoundPage />
    </Container>
  ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignInPage,
  validateSearch: ({ from }: Record<string, unknown>): { from?: string } =>
    typeof from === 'string' && from !== '' ? { from: insideHref(from) } : {},
});

/** Everything behind the sign-in: who is signed in is known before a page is shown. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me === null) throw redirect({ to: '/sign-in', search: { from: location.href } });
  },
});

const first = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery);
    throw redirect({ to: me?.account.apiRole === 'user' ? '/my-access' : '/overview' });
  },
});

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/overview',
  component: lazyRouteComponent(() => import('./overview/overview-page.js'), 'OverviewPage'),
});
const servers = createRoute({
  getParentRoute: () => signedIn,
  path: '/servers',
  component: lazyRouteComponent(() => import('./server/servers-page.js'), 'ServersPage'),
  validateSearch: ({ search }: Record<string, unknown>): { search?: string } =>
    typeof search === 'string' && search !== '' ? { search } : {},
});
const addServer = createRoute({
  getParentRoute: () => signedIn,
  path: '/servers/add',
  component: lazyRouteComponent(() => import('./server/add-server-page.js'), 'AddServerPage'),
});
const server = createRoute({
  getParentRoute: () => signedIn,
  path: '/servers/$id',
  component: lazyRouteComponent(() => import('./server/server-page.js'), 'ServerPage'),
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: ServerTab } => {
    const chosen = SERVER_TABS.find((one) => one === tab);
    return chosen ? { tab: chosen } : {};
  },
});
const myAccess = createRoute({
  getParentRoute: () => signedIn,
  path: '/my-access',
  component: lazyRouteComponent(() => import('./access/my-access-page.js'), 'MyAccessPage'),
});

const queries = createRoute({
  getParentRoute: () => signedIn,
  path: '/queries',
  component: lazyRouteComponent(() => import('./session/queries-page.js'), 'QueriesPage'),
  validateSearch: (search: Record<string, unknown>) => texts(search, SESSION_FILTERS) as SessionFilters,
});
const session = createRoute({
  getParentRoute: () => signedIn,
  path: '/queries/$id',
  component: lazyRouteComponent(() => import('./session/session-page.js'), 'SessionPage'),
});
const users = createRoute({
  getParentRoute: () => signedIn,
  path: '/users',
  component: lazyRouteComponent(() => import('./account/users-page.js'), 'UsersPage'),
});
const user = createRoute({
  getParentRoute: () => signedIn,
  path: '/users/$id',
  component: lazyRouteComponent(() => import('./account/user-page.js'), 'UserPage'),
});
const roles = createRoute({
  getParentRoute: () => signedIn,
  path: '/roles',
  component: lazyRouteComponent(() => import('./role/roles-page.js'), 'RolesPage'),
});
const role = createRoute({
  getParentRoute: () => signedIn,
  path: '/roles/$id',
  component: lazyRouteComponent(() => import('./role/role-page.js'), 'RolePage'),
});
const nodes = createRoute({
  getParentRoute: () => signedIn,
  path: '/nodes',
  component: lazyRouteComponent(() => import('./node/nodes-page.js'), 'NodesPage'),
});
const clusters = createRoute({
  getParentRoute: () => signedIn,
  path: '/clusters',
  component: lazyRouteComponent(() => import('./cluster/clusters-page.js'), 'ClustersPage'),
});
const cluster = createRoute({
  getParentRoute: () => signedIn,
  path: '/clusters/$id',
  component: lazyRouteComponent(() => import('./cluster/cluster-page.js'), 'ClusterPage'),
});
const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/settings-page.js'), 'SettingsPage'),
});
const portOverrides = createRoute({
  getParentRoute: () => signedIn,
  path: '/port-overrides',
  component: lazyRouteComponent(() => import('./settings/port-overrides-page.js'), 'PortOverridesPage'),
});
const siemReaders = createRoute({
  getParentRoute: () => signedIn,
  path: '/siem-readers',
  component: lazyRouteComponent(() => import('./siem/siem-readers-page.js'), 'SiemReadersPage'),
});
const siemReader = createRoute({
  getParentRoute: () => signedIn,
  path: '/siem-readers/$id',
  component: lazyRouteComponent(() => import('./siem/siem-reader-page.js'), 'SiemReaderPage'),
});
const activity = createRoute({
  getParentRoute: () => signedIn,
  path: '/activity',
  validateSearch: (search: Record<string, unknown>) => texts(search, ACTIVITY_FILTERS) as ActivityFilters,
  component: lazyRouteComponent(() => import('./activity/activity-page.js'), 'ActivityPage'),
});

/** The texts of these names in an address; whatever else stands there is left out. */
function texts<Name extends string>(search: Record<string, unknown>, names: readonly Name[]): { [K in Name]?: string } {
  const found: { [K in Name]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') found[name] = value;
    if (typeof value === 'number' || typeof value === 'boolean') found[name] = String(value);
  }
  return found;
}

/** The pages by their addresses. All but the sign-in are loaded when they are opened. */
export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signedIn.addChildren([
      first,
      overview,
      servers,
      addServer,
      server,
      myAccess,
      queries,
      session,
      users,
      user,
      roles,
      role,
      nodes,
      clusters,
      cluster,
      settings,
      portOverrides,
      siemReaders,
      siemReader,
      activity,
    ]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultNotFoundComponent: NotFoundPage,
  defaultErrorComponent: ({ error, reset }) => <Problem error={error} retry={reset} />,
  defaultPendingComponent: () => (
    <Center p="xl">
      <Loader aria-label="Loading" />
    </Center>
  ),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
