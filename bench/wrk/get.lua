-- GETs the paths of a file, one after the other and again from the start.
-- arguments: folder of these scripts, file of paths
function init(args)
   paths = {}
   for line in io.lines(args[1]) do
      paths[#paths + 1] = wrk.format("GET", line)
   end
   place = number * 7919
end

function request()
   place = place + 1
   return paths[place % #paths + 1]
end
