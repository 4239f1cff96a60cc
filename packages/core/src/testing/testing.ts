/** `@tunesmith/core/testing`: contract suites for whoever implements an interface of Tunesmith. They need no particular test runner. */
export { type SamplerContractCase, samplerContract, withoutRepetitionContract } from "./sampler-contract.ts";
export { storageContract } from "./storage-contract.ts";
export type { ContractCase, StoragePlace } from "./storage-stage.ts";
export { type StorageWalk, walkStorage } from "./storage-walk.ts";
export { type TestEnd, type TestProblem, TestStudy, testProblem } from "./test-study.ts";
