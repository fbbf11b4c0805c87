// The second entry point of this library: what answers operations through Nest. It loads Nest's microservices.
export {
  actorOf,
  Answers,
  identifyAtRegistry,
  BusStrategy,
  type Call,
  type Caller,
  type IdentifyActor,
  type OnDenied,
  type OnFault,
  PassThroughFilter,
  noteAtRegistry,
} from './bus-strategy.js';
