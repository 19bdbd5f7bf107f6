package model

import "testing"

func TestX(t *testing.T) {
	v, err := Run(Setting{Variant: "fall", Processes: 4, Window: 10, Messages: 10, Size: 1024, At: "all", Costs: Paper(), Seed: 1, Outstanding: 100})
	t.Log(v, err)
}
