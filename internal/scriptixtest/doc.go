// Package scriptixtest is a fake Scriptix API to test against.
//
// It knows what the API's page on session status says, and the public facts on paging and rate limits, and
// nothing else. It shares no code with the client, so that the two can disagree. Where the contract is silent
// and some answer is needed all the same, the comment on the code that gives it calls it a choice: no test
// should take it for a fact about the API.
//
// [NewServer] listens on a loopback address. [NewPipeServer] needs no network and runs in a testing/synctest
// bubble: sessions move, windows reset and latency passes on the bubble's clock.
package scriptixtest
