// Package scriptix is a client of the Scriptix session API: one session, lists of sessions, typed errors.
// It knows nothing of Terraform.
//
// What the API promises is on its own page "Check Session Status"; where a comment in this package says
// "the API's page", it means that one.
package scriptix
