// The second entry point of this library: how a Nest application is run as a service. It loads Nest.
export { type ReportsReadiness, serviceOf, ServiceReadiness } from './service-readiness.js';
