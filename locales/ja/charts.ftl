## Charts: the timeline of an incident and the way of its requests.
