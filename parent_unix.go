//go:build unix

package main

import (
	"os"
	"time"
)

// parentChecked is how often the provider looks whether Terraform is still there.
const parentChecked = 200 * time.Millisecond

// endOf returns a channel that closes when this process has lost its parent. A Terraform that was killed says nothing.
// Without this watch, a provider that writes nothing would stay: a wait for an hour, and an idle process for good.
func endOf(parent int) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		for range time.Tick(parentChecked) {
			if os.Getppid() != parent {
				close(gone)
				return
			}
		}
	}()
	return gone
}
