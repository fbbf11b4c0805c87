// The second entry point of this library, which loads Nest: runs a Nest application as a service.
export { type ReportsReadiness, serviceOf, ServiceReadiness } from './service-readiness.js';
