-- Prints what wrk found as one line of JSON; every other script begins with this one.
threads = {}

function setup(thread)
   thread:set("number", #threads)
   table.insert(threads, thread)
end

function done(summary, latency, requests)
   local spent = 0
   for _, thread in ipairs(threads) do
      spent = spent + (thread:get("spent") or 0)
   end
   local errors = summary.errors
   io.write(string.format(
      '\nJSON {"requests":%d,"seconds":%f,"refused":%d,"broken":%d,"late":%d,"spent":%d,' ..
      '"p50":%f,"p90":%f,"p99":%f,"worst":%f}\n',
      summary.requests, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write, errors.timeout, spent,
      latency:percentile(50) / 1000, latency:percentile(90) / 1000,
      latency:percentile(99) / 1000, latency.max / 1000))
end
