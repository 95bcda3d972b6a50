package main

import "testing"

func TestResultsAreATable(t *testing.T) {
	t.Parallel()
	parsed, err := parseResults(`{
		"transcripts": {"sensitive": false, "value": {
			"podcast": {"filename": "podcast.mp3", "minutes": 46, "document": "podcast.mp3 Transcript (document 2)"},
			"call": {"filename": "call.mp3", "minutes": 7, "document": "call.mp3 Transcript (document 1)"}
		}},
		"failed": {"sensitive": false, "value": {"voicemail": "Language detection failed"}}
	}`)
	want := "" +
		"transcribed   call        7 minutes    call.mp3 Transcript (document 1)\n" +
		"transcribed   podcast     46 minutes   podcast.mp3 Transcript (document 2)\n" +
		"failed        voicemail                Language detection failed"
	if got := parsed.table(); err != nil || got != want {
		t.Errorf("got\n%s\n%v, want\n%s", got, err, want)
	}
}

func TestResultsMustBeJSON(t *testing.T) {
	t.Parallel()
	if _, err := parseResults("No outputs found"); err == nil {
		t.Error("accepted")
	}
}
