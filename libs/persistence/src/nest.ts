// The second entry point of this library: the connection as a Nest module. It loads Nest.
export { DatabaseModule } from './database.module.js';
