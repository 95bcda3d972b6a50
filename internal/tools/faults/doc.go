// Package faults holds the tests of the provider on a network that fails: a real TCP proxy stands between the provider
// and a fake API. It is here because the proxy needs more modules than the provider itself.
package faults
