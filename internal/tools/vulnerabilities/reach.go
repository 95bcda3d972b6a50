package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// patience is how long the database may take to answer before it counts as out of reach.
const patience = 30 * time.Second

// reach asks the database for its smallest file. An answer that refuses counts as an answer: govulncheck meets it
// again and fails with it. Only a network that does not lead there, or a server that is down, is out of reach.
func reach(ctx context.Context, database string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, database+"/index/db.json", http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("it answered with status %s", response.Status)
	}
	return nil
}
