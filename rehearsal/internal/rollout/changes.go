package rollout

// object is a shorthand for a part of the configuration.
type object = map[string]any

// Changes are those that may be made to a running service, in an order in which each finds what it
// changes. They are made to the web, which has the most behind it.
func Changes() []Change {
	const web, balancer = "services.web.", "compute.loadBalancer."
	canary := func(weight int, image Image) object {
		return object{"image": image, "version": image.Version, "weight": weight, "tasks": 1}
	}
	next := Image{Service: "web", Version: "c0ffee1"}
	return []Change{
		{
			Name:   "another image",
			Subset: true,
			Values: object{web + "image": Image{Service: "web", Version: "b0b0b0b"}, web + "version": "b0b0b0b"},
		},
		{Name: "another size", Subset: true, Values: object{web + "cpu": 1024, web + "memory": 2048}},
		{Name: "another port", Subset: true, Values: object{web + "port": 3100}},
		{Name: "more paths, in a second rule", Values: object{web + "paths": []any{"/a", "/b", "/c", "/*"}}},
		{Name: "fewer paths", Values: object{web + "paths": []any{"/*"}}},
		{Name: "another priority", Values: object{web + "priority": 210}},
		{
			Name:   "another health check",
			Values: object{web + "health.intervalSeconds": 20, web + "health.matcher": "200-299"},
		},
		{Name: "clients bound to a task", Values: object{web + "stickySeconds": 600}},
		{Name: "and set free", Values: object{web + "stickySeconds": nil}},
		{Name: "half of the tasks on spot capacity", Values: object{web + "spotPercent": 50}},
		{Name: "all on the other capacity provider", Values: object{web + "spotPercent": 100}},
		{Name: "none of them", Values: object{web + "spotPercent": nil}},
		{
			Name: "another architecture, with its image",
			Values: object{
				web + "architecture": "ARM64",
				web + "image":        Image{Service: "web", Version: "a64a64a"},
				web + "version":      "a64a64a",
			},
		},
		{
			Name:   "other bounds, by day and at night",
			Values: object{web + "scaling.max": 12, web + "scaling.cpuPercent": 60, "compute.schedule.lower": "21:00"},
		},
		{
			Name: "a canary that never starts", Fails: true,
			Values: object{web + "canary": canary(10, Image{Service: "web", Version: "0badbad", Missing: true})},
		},
		{Name: "taken out again", Values: object{web + "canary": nil}},
		{Name: "a canary gets a tenth", Values: object{web + "canary": canary(10, next)}},
		{Name: "and every request", Values: object{web + "canary": canary(100, next)}},
		{Name: "it is promoted", Values: object{web + "image": next, web + "version": next.Version}},
		{Name: "and taken out", Values: object{web + "canary": nil}},
		{Name: "a third zone", Values: object{"network.zones": []any{
			object{"name": "ap-northeast-1a", "index": 1}, object{"name": "ap-northeast-1c", "index": 2},
			object{"name": "ap-northeast-1d", "index": 3},
		}}},
		{Name: "an internal load balancer beside", Subset: true, Values: object{balancer + "moving": true}},
		{Name: "CloudFront moves to it", Subset: true, Values: object{balancer + "scheme": "internal"}},
		{Name: "and back", Values: object{balancer + "scheme": "internet-facing"}},
		{Name: "and there again", Values: object{balancer + "scheme": "internal"}},
		{Name: "the one with public addresses goes", Values: object{balancer + "moving": nil}},
	}
}
