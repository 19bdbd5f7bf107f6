package laws_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"paxon/internal/laws"
)

// TestGallery shows that every law fires on what breaks it, and not on what looks like it.
func TestGallery(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), laws.Analyzer,
		"imports", "loop", "order", "unread", "uses")
}
