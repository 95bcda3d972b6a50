// Package scriptixtest is a fake Scriptix API to test against.
//
// It does what the API's page on session status says, and knows the public facts about paging and rate limits. It shares
// no code with the client, so that the two can disagree. If the contract does not say how to answer, a comment calls the
// answer a choice. No test should take a choice for a fact about the API.
//
// [NewServer] listens on a loopback address. [NewPipeServer] needs no network and runs in a testing/synctest bubble, where
// sessions, windows, and latency follow the bubble's clock.
package scriptixtest
