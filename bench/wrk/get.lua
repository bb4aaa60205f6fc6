-- GETs the paths of a file, one after the other from some place on, each run from another.
-- argument: the file of paths
function init(args)
   paths = {}
   for line in io.lines(args[1]) do
      paths[#paths + 1] = wrk.format("GET", line)
   end
   math.randomseed(os.time() * 64 + number)
   place = math.random(#paths)
end

function request()
   place = place + 1
   return paths[place % #paths + 1]
end
