// Package scriptix is a client of the Scriptix session API: one session, lists of sessions, typed errors. It knows nothing
// about Terraform.
//
// "The API's page" in a comment is the page "Check Session Status" of the API's documentation, the contract.
package scriptix
