// The second entry point of this library: what handles operations through Nest. It loads Nest's microservices.
export { BusModule } from './bus.module.js';
export { actorOf, Answers, BusStrategy, type Call } from './bus-strategy.js';
export { type Caller, Callers, CallersAtRegistry, type DeniedCall } from './callers.js';
export { busServer, listenOnBus, startBusService } from './start-bus-service.js';
